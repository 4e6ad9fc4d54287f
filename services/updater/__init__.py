"""The one privileged process of an image: takes in signed bundles, starts the other slot, confirms it or goes back."""
