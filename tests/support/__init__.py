"""What tests of several parts share. Nothing here is collected."""
