// A preload that does nothing: what a process is like under any preload.
