/** Answers of registries and runtimes that stay the same until somebody pushes or renames something. */
const missing = /not found|manifest unknown|name unknown|repository does not exist|does not exist/i;

/** Why a container's image is not there, from what the kubelet and its events say of it. */
export function describeImageProblem(
  image: string,
  reason: string,
  messages: readonly (string | undefined)[],
): { text: string; hopeless: boolean } {
  const message = messages.filter((text) => text !== undefined).join('; ');
  if (reason === 'InvalidImageName') return { text: `${image} is no valid image name`, hopeless: true };
  if (reason === 'ErrImageNeverPull') {
    return { text: `${image} is not on the node, and may not be pulled`, hopeless: true };
  }
  if (missing.test(message)) return { text: `${image} is not in the registry`, hopeless: true };
  const why = causeOf(message);
  return { text: `cannot pull ${image}${why ? `: ${why}` : ''}`, hopeless: false };
}

/** The runtime nests its causes with colons; the last ones say what happened. */
function causeOf(message: string): string | undefined {
  if (/x509|certificate/i.test(message)) return "the registry's certificate is not trusted by the node";
  if (/HTTP response to HTTPS client/i.test(message)) {
    return 'the registry speaks plain HTTP, which the node is not configured to accept';
  }
  if (/unauthorized|authentication required|denied|403/i.test(message)) return 'the registry refuses access';
  if (/connection refused/i.test(message)) return 'nothing listens at the registry';
  if (/no such host/i.test(message)) return "the registry's name has no address on the node";
  if (/timeout|deadline exceeded/i.test(message)) return 'the registry does not answer in time';
  if (/no space left/i.test(message)) return 'the disk of the node is full';
  const text = /failed to [^;]*/i.exec(message)?.[0];
  return text && text.length > 200 ? `${text.slice(0, 197)}...` : text;
}
