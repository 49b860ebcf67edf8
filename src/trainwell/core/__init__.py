"""What every room uses: errors, random streams, files, runtime settings. Imports nothing heavy."""
