"""All that touches a disk: frames, directories, the I/O thread, event files, and reading them back."""
