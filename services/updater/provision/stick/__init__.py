"""What a person laid on the FAT partition: checked, taken in, erased there; a bad file is left there and named."""
