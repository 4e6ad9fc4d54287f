"""Shipped fakes of the seams and the conformance checks they share with the real parts."""
