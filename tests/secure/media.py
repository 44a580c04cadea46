"""SRTP, the program as a whole."""
KEYS = []


def tests():
    return []
