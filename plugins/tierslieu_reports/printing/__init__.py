"""A report on paper: a tagged PDF (PDF/UA-1), made in a process of its own with limits.

The process is given markup that is whole in itself; it fetches nothing, writes no file, and is
ended when it takes too long or too much.
"""
