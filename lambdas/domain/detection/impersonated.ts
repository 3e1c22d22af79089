/** Organisations are named; individuals are given by role and counted. STIX: `impersonates` an identity. */
import * as z from 'zod'
import { asMessage } from '../core/fault.ts'
import { localised, named } from './fields.ts'

/** STIX identity classes. */
export const identityClasses = ['organization', 'group', 'system', 'class', 'individual', 'unknown'] as const

type IdentityClass = (typeof identityClasses)[number]

/** Names of these classes may be those of individuals. */
const unnamed: ReadonlySet<IdentityClass> = new Set(['individual', 'unknown'])

export const mayBeNamed = (one: IdentityClass): boolean => !unnamed.has(one)

const impersonated = z
  .strictObject({
    class: z.enum(identityClasses),
    name: named.optional().describe('Of all but natural persons'),
    role: localised.optional().describe('Of a natural person, as published: minister, journalist'),
  })
  .check((context) => {
    const { value } = context
    const isNamed = value.name !== undefined
    if (mayBeNamed(value.class) === isNamed) return
    context.issues.push({
      code: 'custom',
      input: value.name,
      path: ['name'],
      message: asMessage(
        isNamed ? (value.class === 'individual' ? 'person.named' : 'person.maybeNamed') : 'person.unnamed',
      ),
    })
  })

export type Impersonated = z.output<typeof impersonated>

export const impersonates = z
  .array(impersonated)
  .max(1_000, asMessage('list.tooLong', { max: 1_000 }))
  .optional()
  .describe(
    'Identities that were taken: organisations by name, natural persons by role alone; left out where no source states them',
  )
