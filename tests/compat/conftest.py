"""The programs are run by the tests, not collected."""

collect_ignore_glob = ["programs/*", "write_absent.py"]
