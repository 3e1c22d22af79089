/** AWS services that a KMS key policy leaves out; they fail silently to store or send. */

type Statement = { readonly Effect?: string; readonly Action?: unknown; readonly Principal?: unknown }

const needed = ['kms:GenerateDataKey', 'kms:Decrypt'] as const

/**
 * Returns the wanted services that no statement allows to make and open data keys. Ignores conditions.
 * @param wanted such as `logs` or `s3`
 * @param policy JSON
 */
export const servicesLackingIn = (policy: string, wanted: readonly string[]): readonly string[] => {
  const { Statement: policyStatements = [] } = JSON.parse(policy) as {
    readonly Statement?: readonly Statement[] | Statement
  }
  const statements = [policyStatements].flat() as readonly Statement[]
  const mayDo = (service: string, action: string): boolean =>
    statements.some(
      ({ Effect, Action, Principal }) =>
        Effect === 'Allow' && principalsOf(Principal).some((one) => isService(one, service)) && names(Action, action),
    )
  return wanted
    .filter((service) => !needed.every((action) => mayDo(service, action)))
    .map((service) => `${service}.amazonaws.com`)
}

const principalsOf = (principal: unknown): readonly string[] => {
  if (principal === '*') return ['*']
  const { Service, AWS } = (principal ?? {}) as { readonly Service?: unknown; readonly AWS?: unknown }
  return [...texts(Service), ...texts(AWS).filter((one) => one === '*')]
}

/** Accepts regional principals: `logs.eu-west-3.amazonaws.com`. */
const isService = (principal: string, service: string): boolean =>
  principal === '*' || (principal.split('.')[0] === service && principal.includes('.amazonaws.com'))

const names = (actions: unknown, action: string): boolean =>
  texts(actions).some((one) => (one.endsWith('*') ? action.startsWith(one.slice(0, -1)) : one === action))

const texts = (value: unknown): readonly string[] => [value].flat().filter((one) => typeof one === 'string')
