"""One campaign on several nodes: what they tell each other, and the stores that they tell it through.

A node is one run of the engine; a store is a log that survives its readers, a folder or streams of a server. What a
node finds is published; what others have published is read once, in the order in which each of them has found it. No
more is agreed upon: nobody leads, nobody waits for anybody, and a node that knows nothing of the others works as well.
"""
