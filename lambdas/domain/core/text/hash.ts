/** A SHA-256 as it is written everywhere. */
import * as z from 'zod'

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal')
