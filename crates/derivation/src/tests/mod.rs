mod hostile;
mod identity;
mod look_ahead;
mod restarts;
mod rules;
mod stories;
