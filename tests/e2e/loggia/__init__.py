"""What the end-to-end tests drive: the real server, and clients to talk to it with."""
