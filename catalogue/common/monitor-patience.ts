/**
 * Of a ceph.conf: a client asks its monitor for a sign of life, and takes another after so many seconds without one. Ceph's own
 * 30 s are longer than it takes the others to see which OSDs were lost with a node.
 */
export const monitorPatience = `mon_client_ping_interval = 3
mon_client_ping_timeout = 10
`;
