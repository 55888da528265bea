"""The record of a fleet in a database: the one place of the fleet that speaks SQL."""

from vobj.fleet.ledger.record import Asked, Ledger, Recorded

__all__ = ["Asked", "Ledger", "Recorded"]
