"""Bytes between files and sockets, used by client and server alike: blocks, digests that follow,
sending from files.
"""
