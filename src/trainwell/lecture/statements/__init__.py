"""The lecture's statements, one file each."""
