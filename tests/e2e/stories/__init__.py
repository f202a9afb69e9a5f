"""The stories, by what they are about; each is a function that acts on a city."""
