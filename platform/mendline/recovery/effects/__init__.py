"""What an action changed: looked at some periods after it was closed, with a person's verdict."""
