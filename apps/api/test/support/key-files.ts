export { makeKeyFiles, type KeyFiles } from '#lib/testing';
