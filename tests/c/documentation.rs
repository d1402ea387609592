//! Every block of code in docs/C-API.md compiles, with stubs for what this machine has not.
