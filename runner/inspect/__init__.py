"""What a saved model's file is, without Keras: never runs, never unpickles anything of it."""
