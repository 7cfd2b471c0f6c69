"""What bench/run is made of: the build, the processes, the rows and the table."""
