/** Name and version of this program, as manifests print it: package.json's, without all the rest of it in each bundle. */
export const program = 'vigie 0.1.0'
