mod hostile;
mod identity;
mod restarts;
mod rules;
mod stories;
