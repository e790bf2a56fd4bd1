"""The pages that browser tests open."""

from reports.history import History
from reports.html import render
from runner.compare.difference import compare
from runner.model.comparison import PastRun
from runner.model.finding import Verdict
from tests.unit.reports.factories import cell, environment, failure, recipe, results, run
from tests.unit.reports.samples import BASE, MODELS, sample

HOSTILE = (
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=document.title='owned'>",
    "javascript:document.title='owned'",
    "{{ 7 * 7 }} ${document.title='owned'} &lt;b&gt;",
    "\u202e\u0000 right to left and nothing",
)


def usual_results(number=5):
    return sample(BASE, MODELS[:16], number=number)


def usual_page():
    """The fifth run; since the one before it Keras 3 environments have another NumPy."""
    past = History(runs=tuple(PastRun.of(usual_results(number)) for number in (1, 2, 3, 4)))
    return render(usual_results(), past, compare(usual_results(4), usual_results()))


def hostile_page():
    """Markup wherever a name or a text of somebody else's can stand."""
    cells = []
    for number, text in enumerate(HOSTILE):
        name = text.replace("/", "∕")  # ids are split at the slash
        cells.append(
            cell(
                f"a{name}/m{name}/f{name}/b{name}",
                Verdict.REFUSED,
                reason=text,
                failure=failure(text, kind=text),
                warnings=(text,),
                lost=(text,),
                log=text,
                stage=text,
                signatures=(text,) if number % 2 else (),
            )
        )
    found = results(cells, run=run(matrix=HOSTILE[0], profile=HOSTILE[1], id=HOSTILE[2]))
    down = environment("down", status="broken", reason=HOSTILE[1], log=HOSTILE[1])
    recipes = tuple(recipe(one.name, title=HOSTILE[1]) for one in found.recipes)
    return render(
        results(cells, run=found.run, recipes=recipes, environments=(*found.environments, down))
    )
