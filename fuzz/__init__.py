"""Payloads that nobody should send, given to every decoder on both executors.

Theory
    An input is a payload: one of the corpus, changed with knowledge of its form, or whatever
    atheris makes of it. Which codec reads it and which manifest it is brought to follow from a
    checksum of its bytes, so an input alone is enough to try a case again.

    Both executors get each input. It passes when both accept it and give the same, or both raise
    the same error, one of those that the call documents, in time and without taking memory that
    grows. A crash of the process is a finding too: the input that ran is in a file.

    `python -m fuzz --runs 100000 --seed 1` tries them all. Where atheris is installed (it has
    wheels for Linux on x86-64), it looks for inputs that reach new code; without it they are drawn
    at random, and the run says so.
"""
