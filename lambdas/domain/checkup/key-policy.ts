/** Which AWS services a key's policy lets use the key: the others fail to store or send, without a word. */

type Statement = { readonly Effect?: string; readonly Action?: unknown; readonly Principal?: unknown }

/** What encrypting takes: a data key, and to read it again. */
const needed = ['kms:GenerateDataKey', 'kms:Decrypt'] as const

/**
 * The services among `wanted`, such as `logs` or `s3`, that no statement allows both to make and to open data keys.
 * Conditions are not weighed: a policy whose conditions fit no request passes here.
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

/** `logs.eu-west-3.amazonaws.com` is logs as well. */
const isService = (principal: string, service: string): boolean =>
  principal === '*' || (principal.split('.')[0] === service && principal.includes('.amazonaws.com'))

/** `kms:GenerateDataKey*` and `kms:*` name it too. */
const names = (actions: unknown, action: string): boolean =>
  texts(actions).some((one) => (one.endsWith('*') ? action.startsWith(one.slice(0, -1)) : one === action))

const texts = (value: unknown): readonly string[] => [value].flat().filter((one) => typeof one === 'string')
