/**
 * Perl: entering a container's root with its volumes and binds in place, as its processes see them, also while it
 * doesn't run. Their sources are opened before chroot and put in place after it, so no link of the container leads
 * outside; read-only ones are read-only here too. Numbers: open_tree 428, move_mount 429, mount_setattr 442.
 */
export const rootPart = String.raw`
sub tree_of {
  my ($source, $rw) = @_; my ($open, $attr, $rec, $empty) = (428, 442, 0x88001, '');
  my $fd = syscall($open, $here, $source, $rec);
  return if $fd < 0;
  if (!$rw) {
    my $how = pack('QQQQ', 1, 0, 0, 0); my $size = length $how; my $flags = 0x9000;
    syscall($attr, $fd, $empty, $flags, $how, $size) == 0 or oops("mounting read-only");
  }
  return $fd;
}
sub make_place {
  my ($path, $folder) = @_; my $at = '';
  my @parts = grep { $_ ne '' } split m{/}, $path; my $last = pop @parts;
  for (@parts) { $at .= "/$_"; next if -d $at; mkdir $at, 0755; own_folder($at) }
  if ($folder) { mkdir "$at/$last", 0755 } elsif (sysopen(my $f, "$at/$last", O_WRONLY|O_CREAT|O_EXCL, 0644)) { close $f }
  own_folder("$at/$last");
}
sub enter {
  my ($root, @mounts) = @_; my @trees;
  own_mounts() if @mounts;
  while (my ($source, $destination, $rw) = splice @mounts, 0, 3) {
    my $folder = -d $source; my $fd = tree_of($source, $rw); push @trees, [$fd, $destination, $folder] if defined $fd;
  }
  root_is($root);
  for (@trees) {
    my ($fd, $destination, $folder) = @$_; my ($move, $empty, $flags) = (429, '', 0x14);
    make_place($destination, $folder) unless -e $destination;
    # What can't be put there isn't there for the container either.
    syscall($move, $fd, $empty, $here, $destination, $flags); POSIX::close($fd);
  }
}
sub lacking { my ($path) = @_; $! == 2 || $! == 20 ? fail('missing', $path) : $! == 40 ? fail('invalid', "$path: too many links") : oops($path) }
`;
