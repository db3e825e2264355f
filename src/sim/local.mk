# The program trivet-sim.
