"""The command line: `python -m ucwa watch` and `python -m ucwa doctor`."""
