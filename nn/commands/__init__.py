"""One file for each command of `fromzero`: its help, its options, and what it runs.

A command is a module with `HELP` (a clause for the list of commands), `options(parser)`, which adds what it accepts,
and `run(arguments)`, which returns an exit status or None. What it needs to run it imports there, so that
`fromzero --help` stays quick. `nn.cli` lists the commands by their names.
"""
