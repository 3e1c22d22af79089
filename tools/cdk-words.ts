/** The words of `npm run deploy` and its kin: ours, the CDK's context, and what goes on to the CDK as it is. */

type CdkWords = {
  /** `-c name=value`, as the CDK's command line takes it; `--stage NAME` is one of them. */
  readonly context: Readonly<Record<string, string>>
  readonly profile: string | undefined
  /** `--let-go ID`: resources with data that may leave the stack or be replaced. */
  readonly letGo: readonly string[]
  /** For `cdk deploy`, in their order. */
  readonly rest: readonly string[]
}

/** @throws Error that says which word lacks its value */
export const cdkWords = (words: readonly string[]): CdkWords => {
  const context: Record<string, string> = {}
  const rest: string[] = []
  const letGo: string[] = []
  let profile: string | undefined
  const left = [...words]
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [, name = word, joined] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? []
    const value = (): string => {
      const said = joined ?? left.shift()
      if (said === undefined || (joined === undefined && said.startsWith('-')))
        throw new Error(`${name}: a value is missing`)
      return said
    }
    if (name === '--stage') context.stage = value()
    else if (name === '--let-go') letGo.push(value())
    else if (name === '-c' || name === '--context') {
      const said = value()
      const [, key, text] = /^([^=]+)=(.*)$/s.exec(said) ?? []
      if (key === undefined || text === undefined) throw new Error(`${name} ${said}: say name=value`)
      context[key] = text
    } else if (name === '--profile') {
      profile = value()
      rest.push('--profile', profile)
    } else rest.push(word)
  }
  return { context, profile, letGo, rest }
}

/** As the CDK's command line takes them. */
export const contextWords = (context: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`])
