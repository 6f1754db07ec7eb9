"""At the door: they came, they left early, nobody came.

*Arrival*: what was told about one booking before it begins, and which link opens its check-in.

1. A link says who may be noted as present at one booking and opens nothing else; with another
   code made, the old one is worth nothing.
2. Nobody is noted as missing by the clock who was not written to or could read it at the door.
3. What is freed is free from now on; the part that is past stays noted.
"""
