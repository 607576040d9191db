//! Checks a body against a declaration and makes values of it, collecting every problem.
