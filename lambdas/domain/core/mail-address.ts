import * as z from 'zod'
import { asMessage } from './fault.ts'

/** With the ASCII form of an internationalised domain, which every mail server knows. */
export const asciiAddress = (address: string): string =>
  address.replace(/(?<=@)[\p{L}\p{M}\p{N}.-]+$/u, (domain) => URL.parse(`http://${domain}`)?.hostname ?? domain)

/** Amazon SES and many servers refuse other letters before the `@`; RFC 5321 allows 64 there. */
const pattern =
  /^(?=[^@]{1,64}@)(?!\.)(?!.*\.\.)[\w'+.-]*[\w+-]@(?:[a-z0-9][a-z0-9-]*\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)$/i

export const mailAddressSchema = z
  .string()
  .overwrite(asciiAddress)
  .check(z.email({ pattern, error: asMessage('recipient.address') }))
  .max(254)
