"""The commands of `yangfeng`, by what they are for; each file registers its own."""
