/** Why a pod is not ready yet. */
export interface PodWords {
  text: string;
  /** Waiting longer cannot help: somebody has to change something. */
  hopeless: boolean;
  /** Its container keeps exiting: the last lines that it wrote say why. */
  crashed: boolean;
  /** The image that could not be pulled: whether it is there at all, its registry knows better than a node. */
  unpulled?: string;
  /** Its node does not answer: nobody knows whether it runs. */
  lost?: boolean;
  /** Nothing but nodes keep it from running, some by taints that are not named: the nodes say which. */
  tainted?: boolean;
}
