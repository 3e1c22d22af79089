/** Removes control characters. Longer texts are cut between characters, with an ellipsis. */
export const oneLine = (text: string, maxChars = 300): string => {
  const line = text.replace(/\s+/g, ' ').replace(/\p{C}/gu, '').trim()
  const characters = [...line]
  return characters.length <= maxChars ? line : `${characters.slice(0, maxChars - 1).join('')}…`
}
