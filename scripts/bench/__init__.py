"""What socialshop can do in a second: `make bench PART=money`."""
