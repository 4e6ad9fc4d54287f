-- What one release follows another in: 'model/<id>', and 'image/<board>' from now on.
ALTER TABLE bundles RENAME COLUMN model TO line;
ALTER TABLE channels RENAME COLUMN model TO line;
UPDATE bundles SET line = 'model/' || line;
UPDATE channels SET line = 'model/' || line;
