"""One file per library that is measured: how it holds, writes and reads the data."""
