/** Messages in ICU's format, as the lint rule and the tests read them. */
import IntlMessageFormat from 'intl-messageformat'

type Ast = ReturnType<IntlMessageFormat['getAst']>

/** Names of the values that a message needs, each once, in alphabetical order. */
export const placeholdersIn = (message: string): readonly string[] => {
  const named = (elements: Ast): readonly string[] =>
    elements.flatMap((element) => [
      ...('value' in element && element.type !== 0 ? [String(element.value)] : []),
      ...('options' in element ? Object.values(element.options).flatMap(({ value }) => named(value)) : []),
    ])
  return [...new Set(named(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst()))].toSorted()
}
