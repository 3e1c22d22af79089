import * as z from 'zod'
import { asMessage } from '../fault.ts'

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, asMessage('hash.sha256'))
