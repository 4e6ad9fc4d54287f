"""The other end of many homes: takes in summaries, keeps twins, runs campaigns, shows what is well and what is not."""
