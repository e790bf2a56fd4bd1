"""The parts of the stand-alone conversion script; ``runner.convert.script_text`` joins them."""
