"""The model that is learned of a room: `RoomModel` says what it will do, `Learner` keeps that up to date and rates it.

Read `thermal` (what a room is), `kalman` (what is known of it now), `fit` (how it is learned), then `learner`.
"""
